"""Any command by anybody at any time, against the real workflow on virtual time.

A story is drawn from a number: who sends what, when clocks jump, what the payment method does. What
does not fit is refused, and that is a part of the test. After every step the delivery must have an
owner and a deadline or be closed, and in the end every story closes and every invariant holds.
"""
