"""The operations of Amazon ECR."""
