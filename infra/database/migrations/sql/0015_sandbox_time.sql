-- How far each delivery was moved through time in sandbox mode. The workflows of a delivery have
-- their own clocks at Temporal; the sandbox reads from here what its clock says to that delivery.
CREATE TABLE sandbox_advance (
    delivery_id text NOT NULL,
    -- One row per request: what is repeated moves nothing.
    request_key text NOT NULL,
    by_s bigint NOT NULL CHECK (by_s > 0),
    made_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (delivery_id, request_key)
);

CREATE FUNCTION sandbox_ahead(delivery text) RETURNS interval LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(by_s), 0) * interval '1 second' FROM sandbox_advance
    WHERE delivery_id = delivery
$$;

-- Operation ids begin with the id of their delivery.
CREATE FUNCTION sandbox_now(operation_id text) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT now() + sandbox_ahead(split_part(operation_id, ':', 1))
$$;

-- Runs of the robo traveler: what a run needs to go on after its worker has ended, and its story.
CREATE TABLE sandbox_robo_run (
    run_id uuid PRIMARY KEY,
    scenario text NOT NULL,
    speed integer NOT NULL CHECK (speed > 0),
    asked_by uuid NOT NULL,
    state text NOT NULL DEFAULT 'playing' CHECK (state IN ('playing', 'met', 'failed')),
    verdict text NOT NULL DEFAULT '',
    memory jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz CHECK ((finished_at IS NULL) = (state = 'playing'))
);
CREATE INDEX sandbox_robo_run_playing_idx ON sandbox_robo_run (created_at) WHERE state = 'playing';

CREATE TABLE sandbox_robo_step (
    run_id uuid NOT NULL REFERENCES sandbox_robo_run,
    number integer NOT NULL,
    who text NOT NULL,
    told text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run_id, number)
);
