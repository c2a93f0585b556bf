"""One supervisor for `make run` and `make test`: PostgreSQL and Valkey from wheels, web, worker and beat.

Nothing here imports Django: the standard library and the two wheels are enough to start what Django then needs.
"""
