-- Airflow's user and database, made if they are missing; the password is set anew each time, as .env has it.
\getenv password AIRFLOW_DB_PASSWORD
SELECT 'CREATE ROLE airflow LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'airflow') \gexec
SELECT format('ALTER ROLE airflow LOGIN PASSWORD %L', :'password') \gexec
SELECT 'CREATE DATABASE airflow OWNER airflow' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'airflow') \gexec
