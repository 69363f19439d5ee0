"""The console's pages of delivery."""
