"""Clients of other people's making, and the programs they talk to.

The parties here are written from the protocol's description alone: they share no code with the
programs under test, so that agreement means something.
"""
