"""What an access token opens: our userinfo, and the resource servers that ask of one."""
