from everything import __getattr__
