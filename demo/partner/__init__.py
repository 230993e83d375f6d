"""The sample partner site: a small public service where people come with their compte ameli."""
