"""ecrmock: an in-memory AWS for tests of code that talks to Amazon ECR and Amazon ECS."""
