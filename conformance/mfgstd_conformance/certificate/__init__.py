"""Certificates that anyone can verify, offline: in-toto statements in DSSE envelopes, Ed25519.

``issue.certify`` refuses unless the evidence bears it; ``verify.verify`` believes nothing but
bytes, a public key and, where given, the run's folder. See docs/conformance/certificate.md.
"""
