-- What a source may report: types of objects and names of events.
ALTER TABLE source ADD COLUMN allow_list TEXT NOT NULL
  DEFAULT '["inquiry","account","verification","report","transaction","document","selfie","device"]';

-- Why a vendor's event was ignored.
ALTER TABLE receipt ADD COLUMN ignored TEXT;

-- The first source that reported an object: only that source changes it. Objects from before are of the next that does.
ALTER TABLE object ADD COLUMN source_id TEXT;

-- The source that reported an event. Events from before keep it in their context alone.
ALTER TABLE event ADD COLUMN origin TEXT;
