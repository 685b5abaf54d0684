"""Messages to people: the outbox that sends them and one sender per channel and provider."""
