"""Four deliveries played through the public REST API, from the request to the closed books."""
