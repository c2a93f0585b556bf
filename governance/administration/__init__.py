"""Pages of access: signing in, giving grants, the table of roles and capabilities.

They stand apart from `governance.access` because pages need `governance.web`, and web needs access (who may call a
view, what the rail shows). One package for both would be an import knot in the middle of the kernel.
"""
