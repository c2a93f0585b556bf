"""Backup and restore: database, media and keys, apart, each with what proves it whole.

A backup is a folder: `database.dump` (pg_dump), `media.tar`, `media.sha256` (as sha256sum writes it) and
`manifest.json`, which holds the digests of these files and of every table's rows. Keys are never in it.
"""
