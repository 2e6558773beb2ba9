"""Floor 7: the Docker Registry HTTP API and the OCI distribution API, as Amazon ECR speaks them.

Each request becomes the calls of the ECR API that AWS makes of it, so both mouths obey one set of
rules. Source: OCI distribution specification; ECR user guide; captures where ECR deviates.
"""
