-- The API describes itself with these comments, so a column without one is a question to somebody's colleague.
comment on column public.calls.id is 'The call''s id.';
comment on column public.calls.direction is 'Who started it: inbound is a customer, outbound is an agent.';
comment on column public.calls.from_number is 'The calling party as Twilio names it: E.164, a SIP address, client:name or anonymous.';
comment on column public.calls.to_number is 'The called party, in the same forms.';
comment on column public.calls.caller_name is 'The customer''s name: from contacts, otherwise what the network gave; null if nobody knows.';
comment on column public.calls.status is 'Its lane on the board: ringing, active, parked; or ended.';
comment on column public.calls.on_hold is 'Whether the customer hears music while the call stays its agent''s.';
comment on column public.calls.park_reason is 'Why it is parked; null otherwise.';
comment on column public.calls.end_reason is 'How it ended; null while it lives.';
comment on column public.calls.created_at is 'When it began to ring.';
comment on column public.calls.parked_at is 'Since when it is parked; null otherwise.';
comment on column public.calls.held_at is 'Since when it is on hold; null otherwise.';
comment on column public.calls.ended_at is 'When it ended; null while it lives.';
comment on column public.calls.note is 'What its agent wrote about it; at any time, also afterwards.';
comment on column public.calls.disposition is 'What came of it, in its agent''s word.';

comment on column public.voip_users.id is 'The member''s id, which calls and the log point at.';
comment on column public.voip_users.user_id is 'The account that the member signs in with.';
comment on column public.voip_users.display_name is 'What colleagues read on the board.';
comment on column public.voip_users.role is 'What the member may do: an agent acts on own calls, a supervisor on everybody''s.';
comment on column public.voip_users.is_available is 'Whether the member wants to be rung.';
comment on column public.voip_users.created_at is 'When the member joined the team.';

comment on column public.presence.member_id is 'Whose dashboard it is.';
comment on column public.presence.last_seen_at is 'When it was last heard of, by the server''s clock.';

comment on column public.contacts.number is 'E.164, however it was written: no number has two contacts.';
comment on column public.contacts.name is 'What the team calls them; live calls show it at once.';
comment on column public.contacts.company is 'Whom they call for.';
comment on column public.contacts.notes is 'What a colleague should know.';
comment on column public.contacts.created_at is 'When the contact was written down.';
comment on column public.contacts.updated_at is 'When it was last corrected.';

comment on column public.board_settings.id is 'Always true: there is one board.';
comment on column public.board_settings.time_zone is 'An IANA name, for business_hours.';
comment on column public.board_settings.voicemail_enabled is 'Whether a call that nobody takes may leave a message.';
comment on column public.board_settings.voicemail_greeting is 'What is said before the tone.';
comment on column public.board_settings.updated_at is 'When the row last changed.';

comment on column public.call_events.id is 'The order in which it was logged.';
comment on column public.call_events.call_id is 'The call that changed.';
comment on column public.call_events.at is 'When, by the server''s clock.';
comment on column public.call_events.kind is 'What happened, in one word.';
comment on column public.call_events.from_status is 'The status before; null for a new call.';
comment on column public.call_events.to_status is 'The status after.';
comment on column public.call_events.assigned_to is 'Whose call it was after the change.';

comment on column public.call_audio.call_id is 'The call.';
comment on column public.call_audio.agent_call_sid is 'Twilio''s id of the agent''s leg.';
comment on column public.call_audio.claimed_until is 'Until when the claim in claimed_by holds.';
