-- What processes have in hand: little at any time, among all that was ever sent.
CREATE INDEX delivery_in_hand ON delivery (claimed_by) WHERE claimed_by IS NOT NULL;
