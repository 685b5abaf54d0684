-- Extra costs: the traveler asks, and the customer has to agree before anything is charged.
ALTER TABLE correction DROP CONSTRAINT correction_kind_check;
ALTER TABLE correction ADD CONSTRAINT correction_kind_check CHECK (kind IN ('goodwill_refund',
    'compensation', 'tip', 'extra_cost', 'write_off', 'dues_paid', 'refund_again', 'payout_again'));
ALTER TABLE correction DROP CONSTRAINT correction_status_check;
ALTER TABLE correction ADD CONSTRAINT correction_status_check CHECK (status IN
    ('asked', 'moving', 'unsettled', 'waiting', 'parked', 'done', 'declined', 'given_up'));
ALTER TABLE correction ADD COLUMN cost_reason text CHECK (cost_reason IN
    ('customs', 'toll', 'parking', 'fare', 'packaging', 'waiting', 'other'));
ALTER TABLE correction ADD CHECK ((cost_reason IS NOT NULL) = (kind = 'extra_cost'));
ALTER TABLE correction ADD CHECK (status <> 'asked' OR kind = 'extra_cost');
