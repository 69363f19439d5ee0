"""`/api/rider`: what riders' programs ask and say."""
