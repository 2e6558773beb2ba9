"""The operations of AWS STS."""
