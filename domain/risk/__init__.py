"""How risky a handover or a deal is: signals, rules with points and reasons, and what follows."""
