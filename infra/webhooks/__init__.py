"""Events of payment providers: inbox, dispatch to deliveries, catching up, dead letters."""
