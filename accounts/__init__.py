"""Who is who: tenants and their credentials, users and operators."""
