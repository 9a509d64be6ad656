<?php
/**
 * The little of WordPress that the plugin calls, so that a test can run it without one. Escaping is
 * as strict as WordPress's own; the rest keeps or prints what it is given.
 *
 * Run with the plugin's path. Reads what to do as JSON, `{"option": {}, "calls": [["name", …], …]}`
 * with names of the plugin's own functions, and prints JSON: what each call returned and printed,
 * and what was told to WordPress.
 */

const ABSPATH = '/';

$asked = json_decode( stream_get_contents( STDIN ), true );
$told  = array();

function note( string $what, ...$given ): void {
	global $told;
	$told[ $what ][] = $given;
}

function add_action( string $hook, callable $does ): void {
	note( 'action', $hook );
}
function do_action( string $hook ): void {
	note( 'done', $hook );
}
function did_action( string $hook ): int {
	global $told;
	return count( array_keys( $told['done'] ?? array(), array( $hook ), true ) );
}
function add_shortcode( string $tag, callable $does ): void {
	note( 'shortcode', $tag );
}
function register_uninstall_hook( string $file, callable $does ): void {
	note( 'uninstall', $does );
}
function delete_option( string $name ): void {
	note( 'deleted', $name );
}
function get_option( string $name, $default ) {
	global $asked;
	return $asked['option'] ?? $default;
}
function esc_attr( string $text ): string {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_html( string $text ): string {
	return htmlspecialchars( $text, ENT_QUOTES );
}
function esc_url_raw( string $url, array $schemes = array( 'http', 'https' ) ): string {
	$scheme = parse_url( $url, PHP_URL_SCHEME );
	return in_array( $scheme, $schemes, true ) ? preg_replace( '/[^\w.~:\/?#\[\]@!$&\'()*+,;=%-]/', '', $url ) : '';
}
function esc_url( string $url ): string {
	return esc_attr( esc_url_raw( $url ) );
}
function sanitize_text_field( string $text ): string {
	return trim( preg_replace( '/\s+/', ' ', strip_tags( $text ) ) );
}
function __( string $text, string $domain ): string {
	return $text;
}
function esc_html__( string $text, string $domain ): string {
	return esc_html( $text );
}
function trailingslashit( string $text ): string {
	return rtrim( $text, '/' ) . '/';
}
function wp_json_encode( $value, int $flags = 0 ): string {
	return json_encode( $value, $flags );
}
function wp_print_script_tag( array $attributes ): void {
	foreach ( $attributes as $name => $value ) {
		$parts[] = true === $value ? $name : sprintf( '%s="%s"', $name, esc_attr( $value ) );
	}
	echo '<script ' . implode( ' ', $parts ) . "></script>\n";
}
function wp_register_script( string $handle, $src ): void {
	note( 'script', $handle, $src );
}
function wp_add_inline_script( string $handle, string $script ): void {
	note( 'inline', $handle, $script );
}
function register_block_type( string $name, array $settings ): void {
	note( 'block', $name, $settings );
}
function add_options_page( string $title, string $menu, string $capability, string $slug, callable $shows ): void {
	note( 'page', $slug, $capability );
}
function register_setting( string $group, string $name, array $settings ): void {
	note( 'setting', $name );
}
function add_settings_section( string $id, string $title, string $shows, string $page ): void {
}
function add_settings_field( string $id, string $title, callable $shows, string $page, string $section, array $given ): void {
	note( 'field', $title, $shows, $given );
}
function add_settings_error( string $setting, string $code, string $message ): void {
	note( 'error', $message );
}
function checked( $value, $current, bool $prints ): string {
	return $value === $current ? 'checked="checked"' : '';
}
function selected( $value, $current, bool $prints ): string {
	return $value === $current ? 'selected="selected"' : '';
}
function current_user_can( string $capability ): bool {
	return 'manage_options' === $capability;
}
function get_admin_page_title(): string {
	return 'Footnote';
}
function home_url(): string {
	return 'https://news.example.org/blog';
}
function settings_fields( string $group ): void {
	note( 'nonce', $group );
}
function do_settings_sections( string $page ): void {
	global $told;
	foreach ( $told['field'] ?? array() as list( $title, $shows, $given ) ) {
		printf( '<label for="%s">%s</label>', $given['label_for'], $title );
		$shows( $given );
	}
}
function submit_button(): void {
	echo '<button>Save</button>';
}

require $argv[1];

$returned = array();
ob_start();
foreach ( $asked['calls'] as $call ) {
	$name       = '\\Footnote\\' . array_shift( $call );
	$returned[] = $name( ...$call );
}
echo json_encode( array( 'printed' => ob_get_clean(), 'returned' => $returned, 'told' => $told, 'attributes' => \Footnote\ATTRIBUTES ) );
