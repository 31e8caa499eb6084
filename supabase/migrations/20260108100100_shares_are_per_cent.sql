-- A page shows the service level in per cent, so its explanation speaks of no numbers between 0 and 1.
comment on column public.wallboard_figures.service_level is
  'The share of the day''s calls that were answered soon enough. Calls that nobody answered count as too late.';
