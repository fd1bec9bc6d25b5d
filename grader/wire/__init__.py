"""Both sides of the trust boundary: values, frames, the protocol, and how a request is answered."""
