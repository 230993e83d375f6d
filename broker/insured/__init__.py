"""The register of insured persons: who they are, who may create an account, who is who."""
