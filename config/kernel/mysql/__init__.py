"""Django's backend for MySQL and MariaDB, with fewer words around each transaction."""
