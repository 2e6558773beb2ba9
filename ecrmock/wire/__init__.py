"""Floor 5: requests and replies as the installed botocore's service models describe them."""
