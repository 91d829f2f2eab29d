-- From 1 to the number of events of the call, and in the order of the aligned time (S0-73).
with

neighbours as (
    select
        canonical_call_id,
        sequence_number,
        aligned_at,
        lag(sequence_number, 1, 0) over (
            partition by canonical_call_id order by sequence_number
        ) as sequence_before,
        lag(aligned_at) over (
            partition by canonical_call_id order by sequence_number
        ) as aligned_before
    from {{ ref('call_event') }}
)

select
    canonical_call_id,
    sequence_number
from neighbours
where sequence_number != sequence_before + 1 or aligned_at < aligned_before
