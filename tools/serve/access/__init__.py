"""Says who may see and do what in ``hoso serve``, and keeps everybody else out.

``visitor`` names whom a request comes from and what that visitor may do. ``users``, ``openid`` and
``proxy`` find the visitor; ``sessions`` remembers who logged in. ``forgery``, ``limits``,
``headers`` and ``addresses`` refuse requests that no visitor meant to make. ``guard`` puts all of
them in front of the application. docs/SECURITY.md says against whom.
"""
