-- What the customer wants done when the parcel cannot be handed over; older requests were never asked.
ALTER TABLE parcel ADD COLUMN undeliverable_action text
    CHECK (undeliverable_action IN ('retry', 'neighbour', 'safe_place', 'return'));
