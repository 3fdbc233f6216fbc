"""What the media server, which has no database, must be told and tells: whose pictures end, and who watched what."""
