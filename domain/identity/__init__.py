"""Who may do what: rules about credentials, roles and what people may ask for."""
