from typing import Callable, List, Optional, Sequence, Tuple, Union

__version__: str

_Numbers = Union[bytes, Sequence[str]]
_Listener = Optional[Callable[[Optional[str]], None]]

class Network:
    def __init__(
        self,
        inputs: int,
        hidden_weights: _Numbers,
        hidden_bias: Optional[_Numbers],
        output_weights: _Numbers,
        output_bias: Optional[_Numbers],
    ) -> None: ...
    @staticmethod
    def read(path: str) -> Network: ...
    def write(self, path: str) -> None: ...
    def width(self) -> int: ...
    def inputs(self) -> Optional[int]: ...
    def texts(self) -> Tuple[List[List[str]], Optional[List[str]], List[str], Optional[str]]: ...
    def floats(self) -> Tuple[bytes, Optional[bytes], bytes, Optional[float]]: ...

class Options:
    def __init__(
        self,
        *,
        tolerance: str,
        time_limit: Optional[float],
        max_leaves: Optional[int],
        threads: Optional[int],
        proof: Optional[str],
        checkpoint: Optional[str],
        resume: Optional[str],
        seed: int,
        method: str,
        trees: str,
        progress: _Listener,
    ) -> None: ...

class Problem:
    def __init__(
        self,
        *,
        features: Sequence[str],
        target: str,
        x: _Numbers,
        y: _Numbers,
        activation: str,
        loss_name: str,
        weight_decay: bool,
        decay: str,
        hidden_bias: str,
        output_bias: str,
    ) -> None: ...
    def statement_sha256(self) -> str: ...
    def objective(self, network: Network) -> str: ...
    def outputs(self, network: Network) -> bytes: ...
    def outputs_exact(self, network: Network) -> List[str]: ...
    def certify(self, network: Network, options: Options) -> Tuple[str, str, Optional[Network], bool]: ...
    def solve(self, init: Optional[Network], options: Options) -> Tuple[str, str, Optional[Network], bool]: ...
    def beta_max(self, options: Options) -> Tuple[str, str, bool]: ...
    def minima(
        self, width: int, digits: int, exact: bool, time_limit: Optional[float], progress: _Listener
    ) -> Tuple[str, str, bool]: ...

def run_checker(arguments: Sequence[str]) -> Tuple[int, str, str]: ...
def count_cells(
    columns: int, bias: bool, x: _Numbers, max_cells: Optional[int], time_limit: Optional[float]
) -> Tuple[str, str, bool]: ...
def list_cells(
    columns: int, bias: bool, x: _Numbers, points: bool, max_cells: Optional[int], time_limit: Optional[float]
) -> Tuple[bytes, List[List[str]], bool, bool]: ...
