-- Staff write about people too. Their words in disputes of closed deliveries go with those of the
-- person; what the other side wrote is theirs and stays until they ask.
DROP FUNCTION erase_written_words(uuid, text);
CREATE FUNCTION erase_written_words(of_person uuid, instead text, in_deliveries uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM erasure_request
        WHERE person_id = of_person AND status IN ('cooling_off', 'waiting', 'erased')
    ) THEN
        RAISE EXCEPTION USING ERRCODE = 'SA001', MESSAGE = 'this person asked for no erasure';
    END IF;
    PERFORM set_config('sendalong.erasing', of_person::text, true);
    UPDATE dispute_message SET text = instead WHERE author_id = of_person AND text <> instead;
    UPDATE dispute_message SET text = instead
    FROM dispute JOIN delivery USING (delivery_id)
    WHERE dispute_message.dispute_id = dispute.dispute_id
        AND delivery.delivery_id = ANY (in_deliveries) AND delivery.closed_at IS NOT NULL
        AND dispute_message.text <> instead AND dispute_message.author_id NOT IN (
            delivery.customer_id, delivery.sender_id,
            coalesce(delivery.recipient_id, delivery.customer_id),
            coalesce(delivery.traveler_id, delivery.customer_id))
        AND NOT EXISTS (SELECT FROM relay WHERE relay.delivery_id = delivery.delivery_id
            AND relay.giver_id = dispute_message.author_id);
    DELETE FROM dispute_file USING dispute_evidence
    WHERE dispute_file.evidence_id = dispute_evidence.evidence_id
        AND dispute_evidence.author_id = of_person;
    UPDATE dispute_evidence SET description = instead
    WHERE author_id = of_person AND description <> instead;
    PERFORM set_config('sendalong.erasing', '', true);
END $$;
