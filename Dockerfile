# Footnote in a container: `docs/deploy.md` tells how to build the index and what to put in front.
FROM python:3.11-slim AS build
COPY requirements.txt .
COPY requirements-milvus.txt .
# An archive in Milvus needs `--build-arg ALSO=requirements-milvus.txt`.
ARG ALSO=requirements.txt
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir -r requirements.txt -r "$ALSO"

FROM python:3.11-slim
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin footnote \
    && install -d -o footnote -g footnote /data
COPY --from=build /venv /venv
WORKDIR /app
COPY app.py ./
COPY index index
COPY qa qa
COPY articles articles
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    FOOTNOTE_DATA=/data/index \
    FOOTNOTE_HOST=0.0.0.0
USER footnote
VOLUME /data
EXPOSE 7860
# The first start without an index builds that of the sample archive.
HEALTHCHECK --interval=10s --timeout=3s --start-period=120s \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:7860/readyz', timeout=2)"]
CMD ["python", "app.py"]
