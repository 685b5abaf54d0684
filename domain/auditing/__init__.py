"""What is written down for ever besides the events of deliveries."""
