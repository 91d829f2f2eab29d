-- An event type names a kind of thing: two words, no digits, no value of a call (S0-78).
select event_type
from {{ ref('event_type') }}
where
    length(event_type) > 40
    or length(event_type) - length(replace(event_type, '.', '')) != 1
    or event_type != lower(event_type)
    or event_type != translate(event_type, '0123456789', '')
