"""Payment providers behind the port `PaymentProvider`."""
