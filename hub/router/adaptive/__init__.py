"""The learned policy: what each deployment is good for, what it costs, and how a budget is paced."""
