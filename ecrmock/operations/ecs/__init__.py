"""The operations of Amazon ECS."""
