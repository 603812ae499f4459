# The server for more than one machine; the database and the broker come from outside (compose.yaml).
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 IMPRIMATUR_HOME=/var/lib/imprimatur
WORKDIR /app

COPY requirements.lock .
RUN pip install --require-hashes -r requirements.lock

COPY . .
RUN useradd --system --create-home --home-dir /var/lib/imprimatur imprimatur
USER imprimatur
RUN mkdir /var/lib/imprimatur/artifacts
# Collecting needs settings but neither a database nor a real secret.
RUN DEBUG=false SECRET_KEY=build ALLOWED_HOSTS=localhost DATABASE_URL=postgresql://nowhere/none \
    python manage.py collectstatic --noinput

EXPOSE 8000
CMD ["gunicorn", "governance.wsgi:application", "--bind=0.0.0.0:8000", "--workers=2", \
     "--worker-class=gthread", "--threads=4", "--no-control-socket", "--access-logfile=-"]
