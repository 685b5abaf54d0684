-- What the sides of a delivery say about each other. From when on others see it follows from who has
-- written and when the delivery closed; nothing about money depends on it.
CREATE TABLE review (
    review_id uuid PRIMARY KEY,
    delivery_id uuid NOT NULL REFERENCES delivery,
    author_id uuid NOT NULL REFERENCES person,
    author_role text NOT NULL CHECK (author_role IN ('customer', 'recipient', 'traveler')),
    subject_id uuid NOT NULL REFERENCES person CHECK (subject_id <> author_id),
    rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
    tags text[] NOT NULL,
    text text NOT NULL,
    written_at timestamptz NOT NULL,
    reported_at timestamptz,
    reported_by uuid REFERENCES person,
    report_reason text NOT NULL DEFAULT '',
    hidden_at timestamptz,
    hidden_by uuid REFERENCES person,
    hidden_reason text NOT NULL DEFAULT '',
    UNIQUE (delivery_id, author_id)
);
CREATE INDEX review_subject_id_idx ON review (subject_id, review_id DESC);
CREATE INDEX review_reported_idx ON review (review_id DESC)
    WHERE reported_at IS NOT NULL AND hidden_at IS NULL;
