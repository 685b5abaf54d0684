-- Names and contacts of people are encrypted by worker and command line, which have the keys. Here
-- is what finds them again, and what finds the rows that are still in clear.
ALTER TABLE person ADD COLUMN email_lookup text, ADD COLUMN phone_lookup text;
CREATE INDEX person_plain_idx ON person (person_id) WHERE display_name NOT LIKE 'enc1.%';

-- The address of a message is the encrypted contact of a person or of a parcel's recipient: whose
-- key it is. Two encrypted contacts differ although they are the same, their lookups do not.
ALTER TABLE notification ADD COLUMN address_owner text, ADD COLUMN address_lookup text;
DROP INDEX notification_address_key;
CREATE UNIQUE INDEX notification_address_lookup_key
    ON notification (delivery_id, event_sequence, address_lookup) WHERE address_lookup IS NOT NULL;
CREATE INDEX notification_plain_idx
    ON notification (notification_id) WHERE address <> '' AND address NOT LIKE 'enc1.%';

-- A code that is on its way holds an address in clear, and nobody can encrypt it here: its person
-- asks for another one. Who registers gets the id under which name and address are encrypted.
DELETE FROM verification_code;
ALTER TABLE verification_code ADD COLUMN address_lookup text;
ALTER TABLE registration ADD COLUMN person_id uuid NOT NULL;
