"""Many stories of one delivery's money, each with its own troubles, played against everything real.

A story is drawn whole, as a plan: a list of steps, of faults of the payment provider and of places
where the worker's process ends. It is not a `RuleBasedStateMachine`, which would run one rule at a
time in one example at a time: most of a rule's time here is spent waiting for the workflow engine,
so that Hypothesis draws all plans of a run from one seed first, and many are played at once, each in
a lane of its own. A command that does not fit where the delivery stands by then is refused, and that
is a part of the test. A plan that fails is told whole: put its text into `test_known_plans.py`.
"""
