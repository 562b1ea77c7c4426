"""The collaboration hub: domain, services and the facade that front ends call."""
