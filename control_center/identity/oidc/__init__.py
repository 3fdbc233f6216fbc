"""Sign-in through an OpenID provider: authorisation code flow with PKCE (OpenID Connect Core 1.0; RFC 6749, 7636, 9207,
9700)."""
