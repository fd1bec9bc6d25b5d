"""A student's own run of the public checks: in process, on any system, with nothing but the handed-out folder."""
