"""Many stories of one delivery's money, each with its own troubles, played against everything real.

A story is generated whole, as a plan: a list of steps, of faults of the payment provider and of
places where the worker's process ends. It is not a `RuleBasedStateMachine`, which would run one rule
at a time in one example at a time: most of a rule's time here is spent waiting for the workflow
engine, so that a dozen plans are played at once, each in a lane of its own, which Hypothesis drives,
replays and shrinks from its own seed. A command that does not fit where the delivery stands by then
is refused, and that is a part of the test.
"""
