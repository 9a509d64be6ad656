<?php
/**
 * Plugin Name: Footnote
 * Description: Answers readers' questions from your articles, in the articles' own words.
 * Version: 0.1.0
 * Requires at least: 6.1
 * Requires PHP: 7.4
 * License: Apache-2.0
 * Text Domain: footnote
 *
 * Settings > Footnote names the server and puts a button on every page; `[footnote]` and the block
 * of that name fill their place in a post. Nothing is loaded or sent before a server is named, and
 * then from that server alone.
 */

namespace Footnote;

if ( ! defined( 'ABSPATH' ) ) {
	exit;
}

const OPTION = 'footnote';
const PAGE   = 'footnote';
const BLOCK  = 'footnote/chat';

/** The action that is done once a post of this page has the chat in it. */
const PLACED = 'footnote_placed';

/** What the widget takes, by name, and where only some values do, these; the first is the default. */
const ATTRIBUTES = array(
	'title'       => null,
	'greeting'    => null,
	'placeholder' => null,
	'suggestions' => null,
	'position'    => array( 'bottom-right', 'bottom-left', 'top-right', 'top-left' ),
	'theme'       => array( 'auto', 'light', 'dark' ),
	'size'        => array( 'medium', 'small', 'large' ),
	'language'    => null,
	'accent'      => null,
	'source'      => null,
	'after'       => null,
	'before'      => null,
);

add_action( 'admin_menu', __NAMESPACE__ . '\add_page' );
add_action( 'admin_init', __NAMESPACE__ . '\add_settings' );
add_action( 'init', __NAMESPACE__ . '\add_block' );
add_action( 'wp_footer', __NAMESPACE__ . '\print_script' );
add_shortcode( 'footnote', __NAMESPACE__ . '\chat' );
register_uninstall_hook( __FILE__, __NAMESPACE__ . '\forget' );

/** What is set: `server` with a slash at its end, or '' for none; `everywhere`; and the attributes. */
function settings(): array {
	return (array) get_option( OPTION, array() ) + array( 'server' => '', 'everywhere' => '1' );
}

/** The attributes that the widget gets: those that it knows, with a value that it takes. */
function known( array $given ): array {
	$known = array();
	foreach ( ATTRIBUTES as $name => $choices ) {
		$value = isset( $given[ $name ] ) && is_scalar( $given[ $name ] ) ? trim( (string) $given[ $name ] ) : '';
		if ( '' !== $value && ( null === $choices || in_array( $value, $choices, true ) ) ) {
			$known[ $name ] = $value;
		}
	}
	return $known;
}

/** Once a page, at its end: with options for the button, or only to define the element. */
function print_script(): void {
	$set = settings();
	if ( '' === $set['server'] || ( ! $set['everywhere'] && ! did_action( PLACED ) ) ) {
		return;
	}
	$options = $set['everywhere'] ? array( 'mode' => 'floating' ) + known( $set ) : array( 'manual' => '' );
	$tag     = array( 'src' => esc_url( $set['server'] . 'widget.js' ), 'async' => true );
	foreach ( $options as $name => $value ) {
		$tag[ "data-$name" ] = $value;
	}
	// WordPress escapes what stands in the attributes.
	wp_print_script_tag( $tag );
}

/**
 * `[footnote title="Ask us" source="The Orbital Record" height="36em"]`, and the block.
 *
 * @param array|string $given the attributes; '' where there are none.
 */
function chat( $given = array() ): string {
	$given  = (array) $given;
	$server = settings()['server'];
	if ( '' === $server ) {
		return '';
	}
	do_action( PLACED );
	$height = $given['height'] ?? '';
	$height = preg_match( '/^\d{1,4}(\.\d+)?(px|em|rem|vh|dvh)$/', $height ) ? $height : '36em';
	$inline = array( 'mode' => 'inline', 'server' => esc_url( $server ) ) + known( $given );
	$html   = '';
	foreach ( $inline as $name => $value ) {
		$html .= sprintf( ' %s="%s"', $name, esc_attr( $value ) );
	}
	return sprintf( '<div style="height:%s"><footnote-chat%s></footnote-chat></div>', esc_attr( $height ), $html );
}

/** The block is the shortcode, with a form for it in the editor. */
function add_block(): void {
	$text = array( 'type' => 'string', 'default' => '' );
	wp_register_script( 'footnote-block', false, array( 'wp-blocks', 'wp-block-editor', 'wp-components', 'wp-element', 'wp-i18n' ), '0.1.0', true );
	wp_add_inline_script( 'footnote-block', editor_script() );
	register_block_type(
		BLOCK,
		array(
			'api_version'     => 3,
			'title'           => __( 'Footnote', 'footnote' ),
			'category'        => 'widgets',
			'icon'            => 'format-quote',
			'attributes'      => array_fill_keys( array_keys( block_fields() ), $text ),
			'supports'        => array( 'html' => false ),
			'editor_script'   => 'footnote-block',
			'render_callback' => __NAMESPACE__ . '\chat',
		)
	);
}

/** What the block's form asks, with labels. */
function block_fields(): array {
	return array(
		'title'       => __( 'Title', 'footnote' ),
		'suggestions' => __( 'Questions to begin with, | between them', 'footnote' ),
		'source'      => __( 'Only articles of this source', 'footnote' ),
		'height'      => __( 'Height, such as 36em', 'footnote' ),
	);
}

/** What the editor shows of the block; what it is registered with comes from PHP. */
function editor_script(): string {
	return sprintf(
		'((wp, fields, name) => {
	const { createElement: el } = wp.element;
	wp.blocks.registerBlockType(name, {
		edit: ({ attributes, setAttributes }) => el("div", wp.blockEditor.useBlockProps(),
			el(wp.components.Placeholder, { icon: "format-quote", label: "Footnote", isColumnLayout: true },
				...Object.entries(fields).map(([key, label]) => el(wp.components.TextControl, {
					key, label, value: attributes[key], onChange: (value) => setAttributes({ [key]: value }),
					__nextHasNoMarginBottom: true, __next40pxDefaultSize: true })))),
		save: () => null,
	});
})(wp, %s, %s);',
		wp_json_encode( block_fields(), JSON_HEX_TAG | JSON_HEX_AMP ),
		wp_json_encode( BLOCK )
	);
}

function add_page(): void {
	add_options_page( __( 'Footnote', 'footnote' ), __( 'Footnote', 'footnote' ), 'manage_options', PAGE, __NAMESPACE__ . '\show_page' );
}

function add_settings(): void {
	register_setting( PAGE, OPTION, array( 'type' => 'object', 'sanitize_callback' => __NAMESPACE__ . '\checked_settings', 'default' => array() ) );
	add_settings_section( 'main', '', '__return_null', PAGE );
	foreach ( setting_fields() as $name => $label ) {
		$told = array( 'name' => $name, 'label_for' => "footnote-$name" );
		add_settings_field( $name, $label, __NAMESPACE__ . '\show_field', PAGE, 'main', $told );
	}
}

/** What the settings page asks, with labels. */
function setting_fields(): array {
	return array(
		'server'      => __( 'Address of Footnote', 'footnote' ),
		'everywhere'  => __( 'A button on every page', 'footnote' ),
		'title'       => __( 'Title', 'footnote' ),
		'suggestions' => __( 'Questions to begin with, | between them', 'footnote' ),
		'position'    => __( 'Corner', 'footnote' ),
		'theme'       => __( 'Theme', 'footnote' ),
		'language'    => __( 'Language; of the page if empty', 'footnote' ),
		'accent'      => __( 'Colour, such as #9a3324', 'footnote' ),
	);
}

/**
 * What is kept of what was sent.
 *
 * @param mixed $sent by the form.
 */
function checked_settings( $sent ): array {
	$sent   = is_array( $sent ) ? $sent : array();
	$wanted = trim( (string) ( $sent['server'] ?? '' ) );
	$server = esc_url_raw( $wanted, array( 'http', 'https' ) );
	if ( $wanted && ! preg_match( '#^https?://[^/?\#]+(/[^?\#]*)?$#', $server ) ) {
		$told = __( '"%s" is not the address of a server: write it as https://ask.example.org', 'footnote' );
		add_settings_error( OPTION, 'server', sprintf( $told, esc_html( $wanted ) ) );
		$server = settings()['server'];
	}
	$kept = array( 'server' => $server ? trailingslashit( $server ) : '', 'everywhere' => empty( $sent['everywhere'] ) ? '' : '1' );
	return $kept + known( array_map( 'sanitize_text_field', array_filter( $sent, 'is_string' ) ) );
}

/** One field of the form. @param array $told its `name`, and the id that its label is for. */
function show_field( array $told ): void {
	$name    = $told['name'];
	$value   = settings()[ $name ] ?? '';
	$choices = ATTRIBUTES[ $name ] ?? null;
	$names   = sprintf( 'id="%s" name="%s"', esc_attr( $told['label_for'] ), esc_attr( OPTION . "[$name]" ) );
	if ( 'everywhere' === $name ) {
		printf( '<input type="checkbox" %s value="1" %s>', $names, checked( $value, '1', false ) );
	} elseif ( $choices ) {
		printf( '<select %s>', $names );
		foreach ( $choices as $choice ) {
			printf( '<option %s>%s</option>', selected( $value, $choice, false ), esc_html( $choice ) );
		}
		echo '</select>';
	} else {
		printf( '<input type="%s" class="regular-text" %s value="%s">', 'server' === $name ? 'url' : 'text', $names, esc_attr( $value ) );
	}
}

function show_page(): void {
	if ( ! current_user_can( 'manage_options' ) ) {
		return;
	}
	echo '<div class="wrap"><h1>' . esc_html( get_admin_page_title() ) . '</h1>';
	// Without the path that a site may be under.
	$origin = preg_replace( '#^(https?://[^/]+).*#', '$1', home_url() );
	echo '<p>' . esc_html__( 'The server has to list this site in FOOTNOTE_ORIGINS:', 'footnote' ) . ' <code>' . esc_html( $origin ) . '</code></p>';
	echo '<form action="options.php" method="post">';
	settings_fields( PAGE );
	do_settings_sections( PAGE );
	submit_button();
	echo '</form></div>';
}

/** With the plugin, what it kept goes. */
function forget(): void {
	delete_option( OPTION );
}
