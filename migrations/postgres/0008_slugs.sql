-- Case templates, workflows and statuses get slugs: what they are called in setup bundles, where an id is another one in
-- each environment. Existing rows get those of their names. Two hyphens, which no name gives, number those that would be
-- the same.
ALTER TABLE case_template ADD COLUMN slug TEXT NOT NULL DEFAULT '';
WITH
  named (id, slug) AS (
    SELECT id, coalesce(nullif(rtrim(left(ltrim(regexp_replace(
      translate(replace(lower(name), 'ß', 'ss'),
        'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ',
        'aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyy'),
      '[^a-z0-9]+', '-', 'g'), '-'), 56), '-'), ''), 'case-template')
    FROM case_template
  ),
  counted (id, slug, number) AS (
    SELECT id, named.slug, row_number() OVER (PARTITION BY environment_id, named.slug ORDER BY created_at, id)
    FROM named JOIN case_template USING (id)
  )
UPDATE case_template SET slug = CASE counted.number WHEN 1 THEN counted.slug ELSE counted.slug || '--' || counted.number END
FROM counted WHERE counted.id = case_template.id;
CREATE UNIQUE INDEX case_template_slug ON case_template (environment_id, slug);

ALTER TABLE case_status ADD COLUMN slug TEXT NOT NULL DEFAULT '';
WITH
  named (id, slug) AS (
    SELECT id, coalesce(nullif(rtrim(left(ltrim(regexp_replace(
      translate(replace(lower(name), 'ß', 'ss'),
        'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ',
        'aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyy'),
      '[^a-z0-9]+', '-', 'g'), '-'), 56), '-'), ''), 'status')
    FROM case_status
  ),
  counted (id, slug, number) AS (
    SELECT id, named.slug, row_number() OVER (PARTITION BY template_id, named.slug ORDER BY position, id)
    FROM named JOIN case_status USING (id)
  )
UPDATE case_status SET slug = CASE counted.number WHEN 1 THEN counted.slug ELSE counted.slug || '--' || counted.number END
FROM counted WHERE counted.id = case_status.id;
CREATE UNIQUE INDEX case_status_slug ON case_status (template_id, slug);

ALTER TABLE workflow ADD COLUMN slug TEXT NOT NULL DEFAULT '';
WITH
  named (id, slug) AS (
    SELECT id, coalesce(nullif(rtrim(left(ltrim(regexp_replace(
      translate(replace(lower(name), 'ß', 'ss'),
        'ÀÁÂÃÄÅÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝàáâãäåçèéêëìíîïñòóôõöøùúûüýÿ',
        'aaaaaaceeeeiiiinoooooouuuuyaaaaaaceeeeiiiinoooooouuuuyy'),
      '[^a-z0-9]+', '-', 'g'), '-'), 56), '-'), ''), 'workflow')
    FROM workflow
  ),
  counted (id, slug, number) AS (
    SELECT id, named.slug, row_number() OVER (PARTITION BY environment_id, named.slug ORDER BY created_at, id)
    FROM named JOIN workflow USING (id)
  )
UPDATE workflow SET slug = CASE counted.number WHEN 1 THEN counted.slug ELSE counted.slug || '--' || counted.number END
FROM counted WHERE counted.id = workflow.id;
CREATE UNIQUE INDEX workflow_slug ON workflow (environment_id, slug);
