"""The chat page at `/`, made with Gradio."""
